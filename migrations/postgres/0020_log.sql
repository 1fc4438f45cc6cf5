-- The public log. An entry is written with what it stands for, and numbered later.
create table log_entry (
    id bigint generated always as identity primary key,
    at bigint not null,
    leaf text not null,
    -- Opens the leaf; deleted when what it stands for is erased.
    salt bytea,
    -- Its number in the tree, once the sequencer gave it one.
    position bigint unique
);
create index log_pending on log_entry (id) where position is null;

create trigger log_entry_remains before delete or truncate on log_entry
for each statement execute function only_appended();
create trigger log_entry_stays before update of leaf on log_entry
for each statement execute function only_appended();
create trigger log_entry_keeps_its_place before update of position on log_entry
for each row when (old.position is not null) execute function only_appended();

-- One row: the tree, and the newest checkpoint signed for it.
create table log_head (
    id bigint primary key,
    size bigint not null,
    root bytea not null,
    signed_size bigint not null,
    checkpoint text not null
);

-- Hash tiles of height 8 (tlog-tiles): up to 256 hashes of 32 bytes.
create table log_tile (
    level bigint not null,
    number bigint not null,
    hashes bytea not null,
    primary key (level, number)
);
