//! Signals that the kernel refuses to a program and to all that it starts: a seccomp filter (seccomp(2)).

use crate::testbed::protocol::Refused;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};
use std::collections::BTreeMap;

/// The numbers of the calls that send a signal.
struct Numbers {
    kill: i64,
    tkill: i64,
    tgkill: i64,
    rt_sigqueueinfo: i64,
    rt_tgsigqueueinfo: i64,
    pidfd_send_signal: i64,
}

const NATIVE: Numbers = Numbers {
    kill: libc::SYS_kill,
    tkill: libc::SYS_tkill,
    tgkill: libc::SYS_tgkill,
    rt_sigqueueinfo: libc::SYS_rt_sigqueueinfo,
    rt_tgsigqueueinfo: libc::SYS_rt_tgsigqueueinfo,
    pidfd_send_signal: libc::SYS_pidfd_send_signal,
};

/// The architecture whose programs run beside the native ones, and its numbers (linux/audit.h,
/// asm/unistd_32.h).
#[cfg(target_arch = "x86_64")]
const BESIDE: Option<(u32, Numbers)> = Some((
    0x4000_0003,
    Numbers {
        kill: 37,
        tkill: 238,
        tgkill: 270,
        rt_sigqueueinfo: 178,
        rt_tgsigqueueinfo: 335,
        pidfd_send_signal: 424,
    },
));
#[cfg(not(target_arch = "x86_64"))]
const BESIDE: Option<(u32, Numbers)> = None;

/// The steps with which the library's filter begins: whoever is of another architecture than the native one
/// is ended.
const CHECK_OF_ARCHITECTURE: usize = 3;
/// `A = architecture`, `if A == k`, and `go k steps further` (linux/bpf_common.h, linux/seccomp.h).
const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const GO: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;

/// A filter that refuses each way to signal one of those pids or the group of that id, to programs of 32 bits
/// as well; `None` for nobody. A pidfd does not show whose it is, so signals through one are refused
/// altogether.
///
/// # Errors
/// When the library cannot make one for this architecture, or for so many pids.
pub fn refusal(refused: &Refused) -> Result<Option<BpfProgram>, Error> {
    if refused.pids.is_empty() {
        return Ok(None);
    }
    let native = filter(&NATIVE, refused)?;
    let Some((architecture, numbers)) = BESIDE else { return Ok(Some(native)) };
    let beside = filter(&numbers, refused)?;
    let step = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    let place = std::mem::offset_of!(libc::seccomp_data, arch) as u32;
    let mut program =
        vec![step(LOAD, 0, place), step(EQUAL, 1, architecture), step(GO, 0, native.len() as u32)];
    program.extend(native);
    program.extend(beside.into_iter().skip(CHECK_OF_ARCHITECTURE));
    Ok(Some(program))
}

/// The library's filter for calls of these numbers.
fn filter(numbers: &Numbers, refused: &Refused) -> Result<BpfProgram, Error> {
    let is = |argument: u8, pid: i32| {
        let value = u64::from(pid.cast_unsigned());
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
            .and_then(|condition| SeccompRule::new(vec![condition]))
    };
    let either = |arguments: &[u8]| {
        let targets = refused.pids.iter().flat_map(|&pid| [pid as i32, -(pid as i32)]);
        targets
            .flat_map(|target| arguments.iter().map(move |&argument| is(argument, target)))
            .collect::<Result<Vec<_>, _>>()
    };
    let rules: BTreeMap<i64, Vec<SeccompRule>> = [
        (numbers.kill, either(&[0])?),
        (numbers.tkill, either(&[0])?),
        (numbers.tgkill, either(&[0, 1])?),
        (numbers.rt_sigqueueinfo, either(&[0])?),
        (numbers.rt_tgsigqueueinfo, either(&[0, 1])?),
        (numbers.pidfd_send_signal, Vec::new()),
    ]
    .into();
    let refuse = SeccompAction::Errno(refused.errno.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into().map_err(Error::Backend)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(Error::Backend)?;
    filter.try_into().map_err(Error::Backend)
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::arch::asm;

    /// kill(2) as a program of 32 bits calls it. Returns what the kernel returns.
    fn kill_of_32_bits(pid: i32) -> i32 {
        let mut result = 37;
        // SAFETY: signal 0 is no signal, and the kernel writes to nothing but the register.
        unsafe {
            asm!("xchg rbx, {pid:r}", "int 0x80", "xchg rbx, {pid:r}", pid = inout(reg) i64::from(pid) => _,
                inout("eax") result, in("ecx") 0, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
        }
        result
    }

    #[test]
    fn programs_of_32_bits_are_refused_the_same_and_may_do_the_rest() {
        let own = std::process::id();
        let program = refusal(&Refused { pids: vec![own], ..Refused::default() }).unwrap().unwrap();
        let refused = || {
            seccompiler::apply_filter(&program).unwrap();
            // SAFETY: signal 0 is no signal.
            let native = unsafe { libc::kill(own as i32, 0) };
            // Somebody else, who is not refused.
            (native, kill_of_32_bits(own as i32), kill_of_32_bits(1))
        };
        let seen = std::thread::scope(|scope| scope.spawn(refused).join().unwrap());
        assert_eq!(seen, (-1, -libc::EPERM, kill_of_32_bits(1)));
    }
}
