# SPDX-License-Identifier: Apache-2.0
# visits.awk: a trace of measure.sh to rows of tests/data/hold_repeats.csv. -v names="of all rows"
# Where the first CPU enters only after the hold the write itself has waited: left out, and said so.
BEGIN { split(names, name, " ") }
{
    if (!match($0, /[0-9]+[.][0-9]+: /)) next
    now = substr($0, RSTART, RLENGTH - 2) + 0
    cpu = match($0, /CPU [0-9]+/) ? substr($0, RSTART + 4, RLENGTH - 4) + 0 : -1
}
/: let go$/ { let_go = now }
/: row . steal / {
    if (row) end_row()
    row = index("abcdefghijklmnop", $(NF - 2))
    visits = 0
    began = now
    stolen = $NF
}
/smm_enter:/ && row { who[++visits] = cpu; in_[visits] = now; last[cpu] = visits }
/smm_rsm:/ && row { out[last[cpu]] = now }

function end_row(    i, share) {
    share = ($NF - stolen) / 100 / (2 * (now - began)) # of two cores; steal is in 1/100 s
    if (visits && in_[1] > let_go)
        printf "visits: %s, repetition %d: the write waited for the hold\n", name[row], rep[row] \
            >"/dev/stderr"
    else
        for (i = 1; i <= visits; i++)
            printf "%s,%d,%d,%.3f,%.3f,%.1f\n", name[row], rep[row], who[i],
                (in_[i] - in_[1]) * 1000, (out[i] - in_[1]) * 1000, 100 * share
    rep[row]++
}
