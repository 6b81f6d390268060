namespace HyperVBackup.Runs.Preparing;

/// <summary>
/// What an administrator should know of a run that is prepared, decided once and said in two tenses.
/// </summary>
/// <param name="Done">As the run says it, which does the thing.</param>
/// <param name="Ahead">As a check says it, of a run to come.</param>
internal sealed record RunWarning(string Done, string Ahead)
{
    /// <summary>One that is true before and after, and has the same words for both.</summary>
    public static RunWarning Of(string words) => new(words, words);
}
