namespace HyperVBackup.Files;

/// <summary>Text for sh(1).</summary>
internal static class ShellText
{
    /// <summary>A word as sh reads it back: a quotation mark cannot stand between two of them.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''") + "'";
}
