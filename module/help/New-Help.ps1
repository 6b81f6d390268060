<#
.SYNOPSIS
Makes the module's help (MAML) from the texts beside this script and from the cmdlets themselves.
.DESCRIPTION
Each <Cmdlet>.md has the sections Synopsis, Description, Parameters (### -Name), Examples (### title, code, remark), Outputs and Links. What can be read from
the cmdlets (types, positions, aliases, parameter sets) is not in the texts and cannot be wrong in them. A parameter without a text, or a text without its
parameter, is an error.
.PARAMETER ModuleFolder
The module folder that gets en-US/HyperVBackup.Cmdlets.dll-Help.xml.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $ModuleFolder)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0
$ModuleFolder = (Resolve-Path -LiteralPath $ModuleFolder).ProviderPath
Import-Module (Join-Path $ModuleFolder 'HyperVBackup.psd1') -DisableNameChecking

$maml = 'http://schemas.microsoft.com/maml/2004/10'
$command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
$dev = 'http://schemas.microsoft.com/maml/dev/2004/10'
$common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
$shared = @{
    WhatIf  = 'Says what would be done, and does nothing.'
    Confirm = 'Asks before anything is done.'
}

# The sections of a text, in order: @{ Title; Lines }. Headings in code are no headings.
function Get-Section([string[]] $Lines, [string] $Mark) {
    $sections = [System.Collections.Generic.List[object]]::new()
    $inCode = $false
    foreach ($line in $Lines) {
        if ($line.StartsWith('```')) { $inCode = -not $inCode }
        if (-not $inCode -and $line.StartsWith("$Mark ")) { $sections.Add([pscustomobject]@{ Title = $line.Substring($Mark.Length + 1).Trim(); Lines = [System.Collections.Generic.List[string]]::new() }) }
        elseif ($sections.Count -gt 0) { $sections[$sections.Count - 1].Lines.Add($line) }
    }
    $sections
}

# Paragraphs without Markdown's marks: help is read on a console.
function Get-Paragraph([string[]] $Lines) {
    $text = ($Lines -join "`n").Trim()
    if (-not $text) { return }
    foreach ($paragraph in $text -split "\n\s*\n") {
        $isList = $paragraph -match '(?m)^- '
        $plain = $paragraph -replace '`([^`]+)`', '$1' -replace '\*\*([^*]+)\*\*', '$1' -replace '\[([^\]]+)\]\([^)]+\)', '$1'
        if ($isList) { $plain } else { ($plain -replace '\s*\n\s*', ' ').Trim() }
    }
}

function Write-Paragraphs($Writer, [string] $Element, [string] $Namespace, [string[]] $Paragraphs) {
    $Writer.WriteStartElement($Element, $Namespace)
    foreach ($paragraph in $Paragraphs) { $Writer.WriteElementString('para', $maml, $paragraph) }
    $Writer.WriteEndElement()
}

function Write-Parameter($Writer, $Parameter, $InSet, [string[]] $Text) {
    $pipeline = @(if ($InSet.ValueFromPipeline) { 'ByValue' }; if ($InSet.ValueFromPipelineByPropertyName) { 'ByPropertyName' })
    $Writer.WriteStartElement('parameter', $command)
    $Writer.WriteAttributeString('required', "$($InSet.IsMandatory)".ToLowerInvariant())
    $Writer.WriteAttributeString('variableLength', 'true')
    $Writer.WriteAttributeString('globbing', "$(@($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] }).Count -gt 0)".ToLowerInvariant())
    $Writer.WriteAttributeString('pipelineInput', $(if ($pipeline) { "True ($($pipeline -join ', '))" } else { 'False' }))
    $Writer.WriteAttributeString('position', $(if ($InSet.Position -ge 0) { "$($InSet.Position)" } else { 'named' }))
    $Writer.WriteAttributeString('aliases', $(if ($Parameter.Aliases.Count) { $Parameter.Aliases -join ', ' } else { 'none' }))
    $Writer.WriteElementString('name', $maml, $Parameter.Name)
    Write-Paragraphs $Writer 'description' $maml $Text
    $type = $Parameter.ParameterType
    $typeName = $type.Name -replace '^Nullable`1$', 'Nullable'
    if (-not $Parameter.SwitchParameter) {
        $choices = @($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ValidateSetAttribute] } | ForEach-Object { $_.ValidValues })
        if ($choices) {
            $Writer.WriteStartElement('parameterValueGroup', $command)
            foreach ($choice in $choices) { $Writer.WriteElementString('parameterValue', $command, $choice) }
            $Writer.WriteEndElement()
        }
        $Writer.WriteStartElement('parameterValue', $command)
        $Writer.WriteAttributeString('required', 'true')
        $Writer.WriteString($typeName)
        $Writer.WriteEndElement()
    }
    $Writer.WriteStartElement('type', $dev)
    $Writer.WriteElementString('name', $maml, $typeName)
    $Writer.WriteEndElement()
    $Writer.WriteEndElement()
}

function Write-Command($Writer, $Cmdlet) {
    $file = Join-Path $PSScriptRoot "$($Cmdlet.Name).md"
    if (-not (Test-Path -LiteralPath $file)) { throw "There is no help text for $($Cmdlet.Name): $file" }
    $sections = @{}
    foreach ($section in Get-Section ([System.IO.File]::ReadAllLines($file)) '##') { $sections[$section.Title] = $section.Lines }
    foreach ($needed in 'Synopsis', 'Description', 'Parameters', 'Examples', 'Links') { if (-not $sections.ContainsKey($needed)) { throw "$file lacks the section '## $needed'." } }

    $texts = @{} + $shared
    foreach ($section in Get-Section $sections['Parameters'] '###') { $texts[$section.Title.TrimStart('-')] = @(Get-Paragraph $section.Lines) }
    $parameters = @($Cmdlet.Parameters.Values | Where-Object { $_.Name -notin $common -or $_.Name -in 'WhatIf', 'Confirm' })
    foreach ($parameter in $parameters) { if (-not $texts[$parameter.Name]) { throw "$file says nothing of -$($parameter.Name)." } }
    foreach ($name in $texts.Keys) { if ($name -notin $shared.Keys -and $name -notin $parameters.Name) { throw "$file has a text for -$name, which $($Cmdlet.Name) does not have." } }

    $Writer.WriteStartElement('command', 'command', $command)
    $Writer.WriteAttributeString('xmlns', 'maml', $null, $maml)
    $Writer.WriteAttributeString('xmlns', 'dev', $null, $dev)

    $Writer.WriteStartElement('details', $command)
    $Writer.WriteElementString('name', $command, $Cmdlet.Name)
    $Writer.WriteElementString('verb', $command, $Cmdlet.Verb)
    $Writer.WriteElementString('noun', $command, $Cmdlet.Noun)
    Write-Paragraphs $Writer 'description' $maml @(Get-Paragraph $sections['Synopsis'])
    $Writer.WriteEndElement()
    Write-Paragraphs $Writer 'description' $maml @(Get-Paragraph $sections['Description'])

    $Writer.WriteStartElement('syntax', $command)
    foreach ($set in $Cmdlet.ParameterSets) {
        $Writer.WriteStartElement('syntaxItem', $command)
        $Writer.WriteElementString('name', $maml, $Cmdlet.Name)
        $inSet = @($set.Parameters | Where-Object { $_.Name -in $parameters.Name })
        foreach ($parameter in @($inSet | Where-Object Position -ge 0 | Sort-Object Position) + @($inSet | Where-Object Position -lt 0 | Sort-Object { -not $_.IsMandatory })) {
            Write-Parameter $Writer $Cmdlet.Parameters[$parameter.Name] $parameter $texts[$parameter.Name]
        }
        $Writer.WriteEndElement()
    }
    $Writer.WriteEndElement()

    $Writer.WriteStartElement('parameters', $command)
    foreach ($parameter in $parameters) {
        $first = @($Cmdlet.ParameterSets | ForEach-Object { $_.Parameters } | Where-Object Name -eq $parameter.Name)[0]
        Write-Parameter $Writer $parameter $first $texts[$parameter.Name]
    }
    $Writer.WriteEndElement()

    $Writer.WriteStartElement('returnValues', $command)
    foreach ($type in @($Cmdlet.OutputType | ForEach-Object { $_.Type.FullName })) {
        $Writer.WriteStartElement('returnValue', $command)
        $Writer.WriteStartElement('type', $dev)
        $Writer.WriteElementString('name', $maml, $type)
        $Writer.WriteEndElement()
        if ($sections.ContainsKey('Outputs')) { Write-Paragraphs $Writer 'description' $maml @(Get-Paragraph $sections['Outputs']) }
        $Writer.WriteEndElement()
    }
    $Writer.WriteEndElement()

    $Writer.WriteStartElement('examples', $command)
    $number = 0
    foreach ($example in Get-Section $sections['Examples'] '###') {
        $number++
        $fences = @(0..($example.Lines.Count - 1) | Where-Object { $example.Lines[$_].StartsWith('```') })
        if ($fences.Count -ne 2) { throw "$file, example '$($example.Title)': it needs one block of code." }
        $Writer.WriteStartElement('example', $command)
        $Writer.WriteElementString('title', $maml, "-------------------------- Example ${number}: $($example.Title) --------------------------")
        $Writer.WriteElementString('code', $dev, ($example.Lines[($fences[0] + 1)..($fences[1] - 1)] -join "`n"))
        $rest = if ($fences[1] + 1 -lt $example.Lines.Count) { $example.Lines[($fences[1] + 1)..($example.Lines.Count - 1)] } else { @() }
        Write-Paragraphs $Writer 'remarks' $dev @(Get-Paragraph $rest)
        $Writer.WriteEndElement()
    }
    if ($number -lt 3) { throw "$file has $number examples; it needs three." }
    $Writer.WriteEndElement()

    $Writer.WriteStartElement('relatedLinks', $command)
    foreach ($link in $sections['Links'] | Where-Object { $_.StartsWith('- ') }) {
        $Writer.WriteStartElement('navigationLink', $maml)
        $Writer.WriteElementString('linkText', $maml, $link.Substring(2).Trim())
        $Writer.WriteElementString('uri', $maml, '')
        $Writer.WriteEndElement()
    }
    $Writer.WriteEndElement()
    $Writer.WriteEndElement()
}

$settings = [System.Xml.XmlWriterSettings]::new()
$settings.Indent = $true
$settings.Encoding = [System.Text.UTF8Encoding]::new($false)
$path = [System.IO.Path]::Combine($ModuleFolder, 'en-US', 'HyperVBackup.Cmdlets.dll-Help.xml')
$writer = [System.Xml.XmlWriter]::Create($path, $settings)
try {
    $writer.WriteStartElement('helpItems', 'http://msh')
    $writer.WriteAttributeString('schema', 'maml')
    foreach ($cmdlet in Get-Command -Module HyperVBackup -CommandType Cmdlet | Sort-Object Name) { Write-Command $writer $cmdlet }
    $writer.WriteEndElement()
}
finally {
    $writer.Dispose()
}
