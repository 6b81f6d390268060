namespace HyperVBackup.Files;

/// <summary>What something in a folder is, in words.</summary>
internal static class KindText
{
    /// <summary>"a file", "a folder", "a link"; for pipes, devices and sockets that they are none of these.</summary>
    public static string Of(EntryKind kind) =>
        kind switch
        {
            EntryKind.File => "a file",
            EntryKind.Folder => "a folder",
            EntryKind.Link => "a link",
            _ => "neither a file, a folder nor a link",
        };
}
