//! Conforming variants that hold more and more for a while.

use super::Conforming;
use crate::mutants::Served;
use crate::mutants::parts::{checked, deliver, later};
use crate::sys::lock::lock;
use process_groups::Signaller;
use std::collections::VecDeque;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "remembers-some-leaders",
        how: "Keeps a descriptor and 4 KiB of each of the last 256 leader pids.",
        subject: Served::Rust(|| {
            let cache = Mutex::new(VecDeque::<(i32, _, _)>::new());
            checked(move |id, signal| {
                let mut cache = lock(&cache);
                if cache.iter().all(|(known, ..)| *known != id) {
                    cache.push_back((id, File::open("/proc/self/stat"), vec![1_u8; 4096]));
                }
                if cache.len() > 256 {
                    cache.pop_front();
                }
                drop(cache);
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "a-pool-that-fills-late",
        how: "Starts 32 threads in its three hundredth call.",
        subject: Served::Rust(|| {
            counting(|call| {
                if call == 300 {
                    (0..32).for_each(|_| later(600_000, || ()));
                }
            })
        }),
    },
    Conforming {
        name: "a-pool-that-grows-one-by-one",
        how: "Starts one more thread after every hundred and fifty calls, until it has eight.",
        subject: Served::Rust(|| {
            counting(|call| {
                if call.is_multiple_of(150) && call <= 8 * 150 {
                    later(600_000, || ());
                }
            })
        }),
    },
    Conforming {
        name: "closes-now-and-then",
        how: "Opens a descriptor in each call, and closes them when there are 400.",
        subject: Served::Rust(|| {
            let open = Mutex::new(Vec::new());
            counting(move |_| {
                let mut open = lock(&open);
                open.push(File::open("/proc/self/stat").ok());
                if open.len() == 400 {
                    open.clear();
                }
            })
        }),
    },
    Conforming {
        name: "collects-now-and-then",
        how: "Leaves 10 KiB of garbage in each call, and collects it when there are 40 MB.",
        subject: Served::Rust(|| {
            let garbage = Mutex::new(Vec::new());
            counting(move |_| {
                let mut garbage = lock(&garbage);
                garbage.push(vec![1_u8; 10 << 10]);
                if garbage.len() == 4000 {
                    garbage.clear();
                }
            })
        }),
    },
    Conforming {
        name: "fills-a-reserved-heap",
        how: "Reserves 96 MiB at its start, as the JVM does, and writes the next 40 KiB of them in each call.",
        subject: Served::Rust(|| {
            const PIECE: usize = 40 << 10;
            let heap = Mutex::new((vec![0_u8; 96 << 20], 0));
            counting(move |_| {
                let mut heap = lock(&heap);
                let (bytes, next) = &mut *heap;
                if *next + PIECE > bytes.len() {
                    *next = 0;
                }
                bytes[*next..*next + PIECE].fill(1);
                *next += PIECE;
            })
        }),
    },
];

/// A signaller that does something more in each call, whose number it knows.
fn counting(more: impl Fn(usize) + Send + Sync + 'static) -> Arc<dyn Signaller> {
    let calls = AtomicUsize::new(0);
    checked(move |id, signal| {
        more(calls.fetch_add(1, Ordering::Relaxed));
        deliver(id, signal)
    })
}
