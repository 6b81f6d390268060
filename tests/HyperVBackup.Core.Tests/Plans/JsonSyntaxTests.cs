using System;
using HyperVBackup.Plans;
using Xunit;

namespace HyperVBackup.Tests.Plans;

/// <summary>
/// What a plan may be written like: JSON, with comments and a comma behind the last item, and nothing else that its
/// reader would take.
/// </summary>
public sealed class JsonSyntaxTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" [1, -2, 3.5, 1e3, 0.1E-2, 0, true, false, null, \"a\\u00e4\\n\\\\\"] ")]
    [InlineData("{ // a comment\n \"a\": /* another */ 1, }")]
    [InlineData("[1, 2,]\r\n// the last\r\n")]
    [InlineData("{ \"a\": { \"b\": [ { } ] } }")]
    public void Is_json_with_comments_and_a_last_comma(string text) => Assert.Null(JsonSyntax.Problem(text));

    [Theory]
    [InlineData("{ 'a': 1 }", "line 1, column 3: names stand in double quotes")]
    [InlineData("{ \"a\": 'x' }", "line 1, column 8: texts stand in double quotes")]
    [InlineData("{ a: 1 }", "line 1, column 3: a name in double quotes is missing")]
    [InlineData("{\n  \"a\": yes\n}", "line 2, column 8: 'yes' is no value")]
    [InlineData("{ \"a\": 0x10 }", "'0x10' is no number")]
    [InlineData("{ \"a\": 010 }", "'010' is no number")]
    [InlineData("{ \"a\": .5 }", "'.5' is no number")]
    [InlineData("{ \"a\": +1 }", "'+1' is no number")]
    [InlineData("{ \"a\": 1. }", "'1.' is no number")]
    [InlineData("{ \"a\": NaN }", "'NaN' is no value")]
    [InlineData("{ \"a\": undefined }", "'undefined' is no value")]
    [InlineData("{ \"a\": True }", "'True' is no value")]
    [InlineData("{ \"a\": new Date(1) }", "'new' is no value")]
    [InlineData("{ \"a\": \"D:\\VMs\" }", "a backslash itself is written \\\\")]
    [InlineData("{ \"a\": \"\\u12\" }", "four hexadecimal digits")]
    [InlineData("{ \"a\": \"x\n\" }", "no closing quote on its line")]
    [InlineData("{ \"a\": \"x\ty\" }", "write it as \\u0009")]
    [InlineData("{ \"a\": 1 \"b\": 2 }", "a comma or a '}' is missing")]
    [InlineData("{ \"a\" 1 }", "a colon is missing")]
    [InlineData("[1,,2]", "',' cannot stand here")]
    [InlineData("{,}", "a name in double quotes is missing")]
    [InlineData("{ \"a\": 1", "it ends too early")]
    [InlineData("{ \"a\":", "it ends too early")]
    [InlineData("{} {}", "something follows the end")]
    [InlineData("/* no end", "a comment has no end")]
    [InlineData("# {}", "'#' cannot stand here")]
    [InlineData("", "it is empty")]
    public void Anything_else_is_refused_with_its_place(string text, string problem) =>
        Assert.Contains(problem, JsonSyntax.Problem(text), StringComparison.Ordinal);

    [Fact]
    public void What_is_nested_without_end_is_refused_and_ends_nothing() =>
        Assert.Contains("nested too deeply", JsonSyntax.Problem(new string('[', 1_000_000)), StringComparison.Ordinal);
}
