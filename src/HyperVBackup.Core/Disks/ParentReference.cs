using System;
using System.Collections.Generic;

namespace HyperVBackup.Disks;

/// <summary>What a differencing disk says about its parent.</summary>
/// <param name="Ids">
/// The identities the parent may have: for VHDX the parent's DataWriteGuid, twice while a merge is under way ([MS-VHDX]
/// 2.6.2.6.3); for VHD the parent's unique id.
/// </param>
/// <param name="Paths">Where the parent was, in the order in which to try: the path relative to this disk first.
/// Windows paths.</param>
internal sealed record ParentReference(IReadOnlyList<Guid> Ids, IReadOnlyList<string> Paths);
