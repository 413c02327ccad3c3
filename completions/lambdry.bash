# bash completion for lambdry. It asks the binary; nothing here needs refreshing when lambdry changes.
_lambdry() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(command lambdry generate candidates bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o nospace -F _lambdry lambdry
