#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# slurm.sh: a batch script for a sweep on a cluster: sbatch docs/slurm.sh workloads/sweeps/cpus.csv
# Words behind the script go to `smmsim sweep`. Build once before, on a login node: make mpi
# Nodes must share the folder of the result. Options of sbatch stand before the script and outrank
# those below: sbatch --nodes=1 --cpus-per-task=8 docs/slurm.sh ... The same command again, after
# scancel or the end of the time, goes on where the last one was; after a lost node --requeue lets
# Slurm do that itself, two minutes later. Any number of ranks and starts may leave files in the
# journal.
#SBATCH --job-name=smmsim
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@60
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

if (($# == 0)); then
    echo 'usage: sbatch docs/slurm.sh FILE.csv... [options of smmsim sweep]' >&2
    exit 2
fi
cd "${SLURM_SUBMIT_DIR:-.}"
# One rank on each node with a thread on each of its processors; a minute before the end of the time
# every rank gets SIGTERM and finishes what it runs. Where srun was built without PMIx:
# mpirun --map-by "ppr:1:node:PE=$SLURM_CPUS_PER_TASK" instead.
cpus=${SLURM_CPUS_PER_TASK:-1} # since Slurm 22.05 srun wants to be told
exec srun --mpi=pmix --cpus-per-task="$cpus" --kill-on-bad-exit=1 ./smmsim-mpi sweep "$@" \
    --jobs "$cpus" --resume
