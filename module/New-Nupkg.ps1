<#
.SYNOPSIS
Packs a module folder into a .nupkg, as repositories of PowerShell modules take it.
.DESCRIPTION
By hand, because the tools for it differ between Windows PowerShell and PowerShell 7: the folder, a .nuspec made from the manifest, and the two parts that the
Open Packaging Conventions ask for (ECMA-376-2, chapters 9 and 10).
.PARAMETER ModuleFolder
The module folder, tested.
.PARAMETER Destination
The folder that gets <name>.<version>.nupkg.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $ModuleFolder,
    [Parameter(Mandatory)] [string] $Destination
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0
Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
$name = 'HyperVBackup'
$manifest = Import-PowerShellDataFile -LiteralPath (Join-Path $ModuleFolder "$name.psd1")
$data = $manifest.PrivateData.PSData
$escape = { param($text) [System.Security.SecurityElement]::Escape($text) }

$tags = @('PSModule') + $data.Tags + @('PSIncludes_Cmdlet') + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })
$notes = if ($data.ContainsKey('ReleaseNotes')) { "`n    <releaseNotes>$(& $escape $data.ReleaseNotes)</releaseNotes>" }
$nuspec = @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
    <id>$name</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$(& $escape $manifest.Author)</authors>
    <owners>$(& $escape $manifest.CompanyName)</owners>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <description>$(& $escape $manifest.Description)</description>$notes
    <copyright>$(& $escape $manifest.Copyright)</copyright>
    <tags>$(& $escape ($tags -join ' '))</tags>
  </metadata>
</package>
"@

$relations = @"
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/$name.nuspec" Id="R1" />
</Relationships>
"@

$root = (Resolve-Path -LiteralPath $ModuleFolder).ProviderPath
$files = @(Get-ChildItem -LiteralPath $root -Recurse -File | Sort-Object FullName)
$extensions = @($files | ForEach-Object { $_.Extension.TrimStart('.') } | Where-Object { $_ }) + 'nuspec' | Sort-Object -Unique
$types = @('<?xml version="1.0" encoding="utf-8"?>', '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">', '  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />') +
    @($extensions | ForEach-Object { "  <Default Extension=`"$_`" ContentType=`"application/octet`" />" }) +
    @($files | Where-Object { -not $_.Extension } | ForEach-Object { "  <Override PartName=`"/$($_.FullName.Substring($root.Length + 1).Replace('\', '/'))`" ContentType=`"application/octet`" />" }) +
    '</Types>'

$path = Join-Path $Destination "$name.$($manifest.ModuleVersion).nupkg"
if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path }
$zip = [System.IO.Compression.ZipFile]::Open($path, 'Create')
try {
    $add = {
        param($entry, $text)
        $writer = [System.IO.StreamWriter]::new($zip.CreateEntry($entry).Open(), [System.Text.UTF8Encoding]::new($false))
        $writer.Write($text)
        $writer.Dispose()
    }
    & $add '_rels/.rels' $relations
    & $add '[Content_Types].xml' ($types -join "`n")
    & $add "$name.nuspec" $nuspec
    foreach ($file in $files) { $null = [System.IO.Compression.ZipFileExtensions]::CreateEntryFromFile($zip, $file.FullName, $file.FullName.Substring($root.Length + 1).Replace('\', '/')) }
}
finally {
    $zip.Dispose()
}
Write-Host "Package: $path"
