using HyperVBackup.Progress;
using HyperVBackup.Text;

namespace HyperVBackup.Cli.Output;

/// <summary>A reading of the progress in one line.</summary>
internal static class ProgressLine
{
    /// <summary>The line: <c>copying D:\SystemVHD  43%  1.2 GB of 2.8 GB  210 MB/s  8 s left</c>.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="isCancelled">Whether the run was told to end.</param>
    /// <param name="width">The most columns; the job is shortened first.</param>
    public static string Of(ProgressReading reading, bool isCancelled, int width)
    {
        var numbers = "";
        if (reading.Percent >= 0)
            numbers += "  " + reading.Percent + "%";
        if (reading.BytesDone > 0 || reading.BytesTotal > 0)
        {
            numbers +=
                "  "
                + HumanText.Size(reading.BytesDone)
                + (reading.BytesTotal > 0 ? " of " + HumanText.Size(reading.BytesTotal) : "");
            numbers += "  " + HumanText.Rate(reading.BytesPerSecond);
        }

        if (reading.TimeLeft is { } left)
            numbers += "  " + HumanText.Span(left) + " left";
        var phase = isCancelled ? "cancelling" : reading.Phase;
        var room = width - phase.Length - numbers.Length - 1;
        var job = Printable.Text(reading.Job);
        var line = phase + (job.Length > 0 && room >= 8 ? " " + Printable.Shorten(job, room) : "") + numbers;
        return line.Length > width ? line[..width] : line;
    }
}
