#!/usr/bin/env bash
# Builds every target for a fuzzing service (OSS-Fuzz, ClusterFuzzLite): the programs, their seeds and the dictionary
# go to $OUT. With SANITIZER=none, which is the default here, any toolchain will do.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${OUT:?the folder for what is built}"
mkdir -p "$OUT"
sanitizer=${SANITIZER:-none}
# A coverage build has flags of its own, which the service sets.
[ "$sanitizer" != coverage ] || sanitizer=none

cargo fuzz build --sanitizer "$sanitizer"
for target in signal_name histories; do
  # Without the suite, as in .ci/fuzz.
  cargo fuzz build --sanitizer "$sanitizer" --no-default-features "$target"
done
for target in $(cargo fuzz list); do
  cp "${CARGO_TARGET_DIR:-target}"/*-linux-gnu/release/"$target" "$OUT/"
  zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "fuzz/seeds/$target"
done
cp fuzz/names.dict "$OUT/signal_name.dict"
for target in stdio_lines agent_protocol replay_file; do
  cp fuzz/json.dict "$OUT/$target.dict"
done
