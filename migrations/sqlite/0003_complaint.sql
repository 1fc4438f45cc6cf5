-- Complaint records (case files). What is looked up has a column; the whole record is one document.
create table complaint (
    id text primary key,
    number text not null unique,
    state text not null,
    sample boolean not null,
    created_at bigint not null,
    created_by text not null,
    found_by text not null,
    record text not null
);
create index complaint_newest on complaint (created_at desc, id desc);

-- The last registration number given in a year.
create table complaint_number (
    year bigint primary key,
    last bigint not null
);

-- What happened to a record, oldest first: ids and codes, never words.
create table complaint_event (
    seq integer primary key autoincrement,
    complaint text not null references complaint (id),
    at bigint not null,
    kind text not null,
    session text,
    detail text not null
);
create index complaint_event_of on complaint_event (complaint, seq);

-- Signed outcomes, attached.
create table complaint_outcome (
    outcome text primary key,
    complaint text not null references complaint (id),
    session text not null,
    at bigint not null,
    digest text not null
);
create index complaint_outcome_of on complaint_outcome (complaint, at);

create trigger complaint_event_stays before update on complaint_event
begin select raise(abort, 'a record''s history is only appended to'); end;
create trigger complaint_event_remains before delete on complaint_event
begin select raise(abort, 'a record''s history is only appended to'); end;
