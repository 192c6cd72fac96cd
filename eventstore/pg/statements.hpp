// The statements of the log, all of them: what runs where is said by who includes what. Columns of an answer
// stand in the comment before its statement, in the order its reader counts them.
#pragma once

#include "eventstore/pg/connection.hpp"

namespace skald::store::statements {

// What the fence, the events and the rows of a whole batch need is one statement (append.cpp fills it).
extern const Statement kAppend;
extern const Statement kFindLocked;  // partitions, sagas → saga
extern const Statement kFindLeft;    // partitions, sagas → saga

// The protocol of writers (control and appender).
extern const Statement kSetting;       // partition count int4, segment positions int8, format int4
extern const Statement kEnter;         // node, lane, lanes, incarnation → writer, partition?, kept?
extern const Statement kTails;         // writer → partition, position, time, database time
extern const Statement kProbe;         // partition, position, saga, version, writer → found boolean
extern const Statement kMakeSegments;  // up to → covered int8
extern const Statement kBeat;          // writer, lane, lanes → stands, claimable, database time
extern const Statement kTakeOver;      // writer, lane, lanes → partition
extern const Statement kRevoke;        // writer →

// Reads. Events: saga, version, partition, position, type, data, time, writer.
extern const Statement kReadSaga;       // partition, saga, after, limit
extern const Statement kReadPartition;  // partition, after, limit
// Sagas: see read_saga_row in reader.cpp.
extern const Statement kFindSaga;  // partition, saga
extern const Statement
    kListSagas;  // partitions, before, limit, definition, statuses, key, after, before, ended
extern const Statement kListOpenSagas;     // the same for those that have not ended
extern const Statement kFindStartKeys;     // definitions, keys → definition, key, saga, request hash
extern const Statement kListRunning;       // partitions, after, limit → saga
extern const Statement kListDue;           // partitions, now, limit → saga
extern const Statement kPutDefinition;     // name, hash, canonical, source
extern const Statement kNewestDefinition;  // name → as kListDefinitions
extern const Statement kListDefinitions;   // known → name, version, hash, canonical, source, created at

}  // namespace skald::store::statements
