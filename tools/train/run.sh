#!/bin/sh
# Trains the network of sculpt further, and writes FOLDER/sculpt.safetensors and a golden case:
#   tools/train/run.sh OBJECTS.npz FOLDER [MINUTES] [EXAMPLES] [WEIGHTS]
# FOLDER takes the examples (83 KB each), checkpoints and the log. Started again it goes on where it was. PYTHON names an interpreter with torch.
# WEIGHTS are those to begin with, as net.pt or .safetensors: those beside this script unless it is "nothing".
set -e
objects=$(realpath "$1") folder=$(realpath -m "$2") minutes=${3:-90} examples=${4:-100000} warm=${5:-$(dirname "$0")/sculpt.safetensors} python=${PYTHON:-python3}
[ "$warm" = nothing ] && warm= || warm=$(realpath "$warm")
cd "$(dirname "$0")"
mkdir -p "$folder"
go build -o "$folder/views" ./views
[ -d "$folder/held" ] || "$folder/views" -objects "$objects" -out "$folder/held" -n 1000 -held -invented 0 -worn 0 -warp 0 -seed 7
[ -d "$folder/data" ] || "$folder/views" -objects "$objects" -out "$folder/data" -n "$examples" -seed 1
# One arena that never shrinks: glibc would give the pages of every activation back and fetch them anew.
export OMP_NUM_THREADS=1 MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456
"$python" train.py --data "$folder/data" --held "$folder/held" --out "$folder/run" --minutes "$minutes" ${warm:+--warm "$warm"}
"$python" export.py --net "$folder/run/net.pt" --to "$folder/sculpt.safetensors" --golden "$folder/golden.safetensors" --held "$folder/held"
(cd ../.. && go build -tags headless,sculpt -o "$folder/orfeas" .)
echo "Try it: ORFEAS_SCULPT=$folder/sculpt.safetensors $folder/orfeas convert PICTURE --engine sculpt -o OUT.stl"
