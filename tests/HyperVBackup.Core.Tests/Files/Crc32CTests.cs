using System;
using System.Linq;
using System.Text;
using HyperVBackup.Files;
using Xunit;

namespace HyperVBackup.Tests.Files;

public class Crc32CTests
{
    // RFC 3720, appendix B.4; the RFC prints the bytes in the order they are sent, which is little-endian.
    [Fact]
    public void Zeroes_have_the_checksum_of_the_RFC() => Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32], 0, 32));

    [Fact]
    public void Ones_have_the_checksum_of_the_RFC() =>
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0, 32));

    [Fact]
    public void Rising_bytes_have_the_checksum_of_the_RFC() =>
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0, 32));

    [Fact]
    public void Falling_bytes_have_the_checksum_of_the_RFC() =>
        Assert.Equal(0x113FDB5Cu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0, 32));

    [Fact]
    public void An_iSCSI_read_command_has_the_checksum_of_the_RFC()
    {
        var command = new byte[48];
        command[0] = 0x01;
        command[1] = 0xC0;
        command[16] = 0x14;
        command[22] = 0x04;
        command[27] = 0x14;
        command[31] = 0x18;
        command[32] = 0x28;
        command[40] = 0x02;
        Assert.Equal(0xD9963A56u, Crc32C.Compute(command, 0, command.Length));
    }

    [Fact]
    public void The_digits_have_the_check_value_of_the_catalogues() =>
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789"), 0, 9));

    [Fact]
    public void Nothing_has_checksum_zero() => Assert.Equal(0u, Crc32C.Compute(new byte[1], 1, 0));

    [Fact]
    public void Any_range_cut_anywhere_gives_what_the_definition_gives_bit_by_bit()
    {
        var random = new Random(1);
        var data = new byte[200];
        random.NextBytes(data);
        for (var round = 0; round < 2_000; round++)
        {
            var start = random.Next(data.Length + 1);
            var count = random.Next(data.Length - start + 1);
            var cut = random.Next(count + 1);
            var expected = BitByBit(data, start, count);
            Assert.Equal(expected, Crc32C.Compute(data, start, count));
            Assert.Equal(expected, Crc32C.Append(Crc32C.Compute(data, start, cut), data, start + cut, count - cut));
        }
    }

    private static uint BitByBit(byte[] data, int start, int count)
    {
        var crc = 0xFFFFFFFFu;
        for (var i = start; i < start + count; i++)
        {
            crc ^= data[i];
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
        }

        return ~crc;
    }
}
