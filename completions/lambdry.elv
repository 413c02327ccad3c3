# Elvish completion for lambdry. It asks the binary; nothing here needs refreshing when lambdry changes.
use str
set edit:completion:arg-completer[lambdry] = {|@words|
    try {
        e:lambdry generate candidates elvish -- (all $words[1..]) 2>/dev/null | from-lines | each {|line|
            var word suffix about = (str:split "\t" $line)
            var shown = $word
            if (not-eq $about '') {
                set shown = $word' ('$about')'
            }
            edit:complex-candidate $word &code-suffix=$suffix &display=$shown
        }
    } catch {
        nop
    }
}
