# fish completion for lambdry. It asks the binary; nothing here needs refreshing when lambdry changes.
function __lambdry_candidates
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    command lambdry generate candidates fish -- $words "$current" 2>/dev/null
end
complete -c lambdry -f -k -a '(__lambdry_candidates)'
