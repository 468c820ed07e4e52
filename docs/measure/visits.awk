# SPDX-License-Identifier: Apache-2.0
# visits.awk: a trace of measure.sh to rows of tests/data/hold_repeats.csv. -v names="of all rows"
# Where the first CPU enters only after the hold the write has waited: left out, and said so.
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
    visits = exits = 0
    split("", last)
    began = let_go = now
    stolen = $NF
}
/smm_enter:/ && row { who[++visits] = cpu; in_[visits] = now; last[cpu] = visits }
/smm_rsm:/ && row && cpu in last { out[last[cpu]] = now; exits++ }

function end_row(    i, share) {
    share = ($NF - stolen) / 100 / (2 * (now - began)) # of two cores; steal is in 1/100 s
    if (visits && in_[1] > let_go)
        left_out("the write waited for the hold")
    else if (exits < visits)
        left_out("a CPU was still in SMM at the end")
    else
        for (i = 1; i <= visits; i++)
            printf "%s,%d,%d,%.3f,%.3f,%.1f\n", name[row], rep[row], who[i],
                (in_[i] - in_[1]) * 1000, (out[i] - in_[1]) * 1000, 100 * share
    rep[row]++
}

function left_out(why) {
    printf "visits: %s, repetition %d: left out: %s\n", name[row], rep[row], why >"/dev/stderr"
}
