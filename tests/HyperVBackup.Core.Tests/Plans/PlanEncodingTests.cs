using System;
using System.IO;
using System.Linq;
using System.Text;
using HyperVBackup.Plans;
using HyperVBackup.Tests;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>
/// A plan is read as the text it is, or refused: a letter that was guessed wrong would exclude another file than was
/// meant.
/// </summary>
public sealed class PlanEncodingTests : IDisposable
{
    private const string Text =
        "{\n  \"name\": \"n\",\n  \"jobs\": [ { \"source\": \"s\", \"targets\": \"t\", \"exclude\": [ "
        + "\"Prüfung.vhdx\" ] } ]\n}\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, bool> Right =>
        new()
        {
            { "utf-8", false },
            { "utf-8", true },
            { "utf-16", true },
            { "utf-16BE", true },
            { "utf-32", true },
            { "utf-32BE", true },
        };

    [Theory]
    [MemberData(nameof(Right))]
    public void Utf_8_and_whatever_has_a_mark_is_read(string name, bool isMarked)
    {
        var encoding = Encoding.GetEncoding(name);
        var plan = Read((isMarked ? encoding.GetPreamble() : []).Concat(encoding.GetBytes(Text)).ToArray());
        Assert.Equal("Prüfung.vhdx", Assert.Single(Assert.Single(plan.Jobs).Exclude));
    }

    [Fact]
    public void A_letter_of_a_code_page_is_refused_with_its_line_its_byte_and_what_it_would_be()
    {
        var problem = Refused(Encoding.Latin1.GetBytes(Text));
        Assert.Equal(
            "line 3, byte 62: 0xFC is no UTF-8, which would be 'ü' in code page 1252; save the file as UTF-8",
            problem
        );
    }

    [Theory]
    [InlineData("\"x\" \xC3")] // The first half of a letter at the end of the file.
    [InlineData("\"\xC0\xAF\"")] // A longer form than need be.
    [InlineData("\"\xED\xA0\x80\"")] // Half of a surrogate pair.
    [InlineData("\"\xF5\x80\x80\x80\"")] // Beyond Unicode.
    [InlineData("\"\xE2\x82\"")]
    [InlineData("\"\x81\"")]
    public void Bytes_that_are_no_utf_8_are_refused(string latin) =>
        Assert.StartsWith("line 1, byte ", Refused(Encoding.Latin1.GetBytes(latin)), StringComparison.Ordinal);

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Utf_16_without_its_mark_is_refused_by_name(string name) =>
        Assert.Contains(
            "UTF-16 without a byte order mark; save it as UTF-8",
            Refused(Encoding.GetEncoding(name).GetBytes(Text)),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_mark_before_what_it_does_not_stand_for_is_refused() =>
        Assert.Contains("UTF-16 and is none", Refused([0xFF, 0xFE, 0x00, 0xD8, 0x20, 0x00]), StringComparison.Ordinal);

    [Fact]
    public void What_is_right_up_to_the_last_of_unicode_is_read()
    {
        Assert.Equal(
            "aé€\U0010FFFF\uD7FF\uE000",
            PlanEncoding.Decode(Encoding.UTF8.GetBytes("aé€\U0010FFFF\uD7FF\uE000"), out var problem)
        );
        Assert.Equal("", problem);
    }

    private BackupPlan Read(byte[] bytes) => PlanFile.Read(_folder.Write("plan.json", bytes));

    private string Refused(byte[] bytes)
    {
        var problem = Assert.Single(Assert.Throws<PlanException>(() => Read(bytes)).Problems);
        Assert.Equal("(file)", problem.Property);
        return problem.Message;
    }
}
