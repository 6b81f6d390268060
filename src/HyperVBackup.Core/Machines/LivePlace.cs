using System.Linq;

namespace HyperVBackup.Machines;

/// <summary>
/// Where the files of a machine lie below its folder in a set: named after where they lie on the host.
/// </summary>
internal static class LivePlace
{
    /// <summary>A live path without what makes it absolute: <c>D:\SystemVHD</c> becomes <c>D/SystemVHD</c>.</summary>
    public static string RelativeOf(string livePath) =>
        string.Join(
            "/",
            livePath
                .Split('/', '\\')
                .Select(part => part.TrimEnd(':'))
                .Where(part => part.Length > 0 && part is not ("." or ".." or "?"))
        );
}
