// What IVssBackupComponents and its successors have beside what a backup calls: written down, and refused.
#pragma once
#include "fake.h"

#define NO(name, ...) \
    STDMETHODIMP name(__VA_ARGS__) override { say("%s is not for a backup", #name); return E_NOTIMPL; }

struct NoRestore : Counted<IVssBackupComponentsEx4, Instance> {
    NO(InitializeForRestore, BSTR) NO(SetRestoreState, VSS_RESTORE_TYPE)
    NO(SetBackupOptions, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR)
    NO(SetSelectedForRestore, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean)
    NO(SetRestoreOptions, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR)
    NO(SetAdditionalRestores, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean)
    NO(SetPreviousBackupStamp, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR)
    NO(AddAlternativeLocationMapping, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean,
        LPCWSTR)
    NO(AddRestoreSubcomponent, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean)
    NO(SetFileRestoreStatus, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, VSS_FILE_RESTORE_STATUS)
    NO(AddNewTarget, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR, LPCWSTR, boolean, LPCWSTR)
    NO(SetRangesFilePath, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, UINT, LPCWSTR)
    NO(PreRestore, IVssAsync **) NO(PostRestore, IVssAsync **) NO(ImportSnapshots, IVssAsync **)
    NO(BreakSnapshotSet, VSS_ID)
    NO(DisableWriterClasses, const VSS_ID *, UINT) NO(EnableWriterClasses, const VSS_ID *, UINT)
    NO(DisableWriterInstances, const VSS_ID *, UINT)
    NO(RevertToSnapshot, VSS_ID, WINBOOL) NO(QueryRevertStatus, VSS_PWSZ, IVssAsync **)
    NO(GetWriterMetadataEx, UINT, VSS_ID *, IVssExamineWriterMetadataEx **)
    NO(SetSelectedForRestoreEx, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean, VSS_ID)
    NO(SetAuthoritativeRestore, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, boolean)
    NO(SetRollForward, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, VSS_ROLLFORWARD_TYPE, LPCWSTR)
    NO(SetRestoreName, VSS_ID, VSS_COMPONENT_TYPE, LPCWSTR, LPCWSTR, LPCWSTR)
    NO(BreakSnapshotSetEx, VSS_ID, DWORD, IVssAsync **) NO(PreFastRecovery, VSS_ID, DWORD, IVssAsync **)
    NO(FastRecovery, VSS_ID, DWORD, IVssAsync **) NO(AddSnapshotToRecoverySet, VSS_ID, DWORD, VSS_PWSZ)
    NO(RecoverSet, DWORD, IVssAsync **) NO(GetSessionId, VSS_ID *)
    NO(GetRootAndLogicalPrefixPaths, VSS_PWSZ, VSS_PWSZ *, VSS_PWSZ *, WINBOOL)
};
