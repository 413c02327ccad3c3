# PowerShell completion for lambdry. It asks the binary; nothing here needs refreshing when lambdry changes.
Register-ArgumentCompleter -Native -CommandName lambdry, lambdry.exe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
            else { $_.Extent.Text }
        })
    # The dot keeps an empty word from being lost on the way; lambdry takes it off.
    $current = $wordToComplete.TrimStart('"', "'") + '.'
    $lambdry = Get-Command lambdry -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $lambdry) { return }
    & $lambdry generate candidates powershell '--' @words $current 2>$null | ForEach-Object {
        $text, $shown, $about = $_ -split "`t", 3
        [System.Management.Automation.CompletionResult]::new($text, $shown, 'ParameterValue', $about)
    }
}
