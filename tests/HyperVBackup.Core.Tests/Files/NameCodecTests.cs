using System;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class NameCodecTests
{
    [Theory]
    [InlineData("plain.vhdx")]
    [InlineData("Příliš žluťoučký kůň.vhd")]
    [InlineData("emoji 💾.xml")]
    [InlineData("lone high \uD800 and low \uDC00")]
    [InlineData("escaped byte \uDC80\uDCFF")]
    [InlineData("new\nline, tab\t, back\\slash")]
    public void A_name_survives_the_way_to_bytes_and_back(string name)
    {
        var bytes = NameCodec.Encode(name);
        Assert.Equal(name, NameCodec.Decode(bytes, 0, bytes.Length));
    }

    [Fact]
    public void Any_bytes_survive_the_way_to_a_name_and_back()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 12)];
            for (var i = 0; i < bytes.Length; i++)
            {
                // Lead and continuation bytes of UTF-8 and of encoded surrogates, more often than chance would give
                // them.
                bytes[i] = random.Next(4) switch
                {
                    0 => 0xED,
                    1 => (byte)random.Next(0x80, 0xC0),
                    2 => (byte)random.Next(0xC0, 0x100),
                    _ => (byte)random.Next(1, 256),
                };
            }

            var name = NameCodec.Decode(bytes, 0, bytes.Length);
            Assert.Equal(bytes, NameCodec.Encode(name));
        }
    }
}
