using System.Text;

namespace HyperVBackup.Sets;

/// <summary>
/// Texts as a file of UTF-8 gives them back: half of a surrogate pair, of which names of no encoding are made (see
/// <see cref="Files.NameCodec"/>), becomes U+FFFD in it.
/// </summary>
internal static class WrittenText
{
    /// <summary>What is read where this text was written.</summary>
    public static string Of(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
