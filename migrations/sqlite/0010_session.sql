-- Sessions: the state as one document, beside it what is looked up or only grows.
create table session (
  id text primary key,
  complaint text not null,
  epoch bigint not null,
  phase text not null,
  opened_at bigint not null,
  updated_at bigint not null,
  state text not null
);
create index session_by_complaint on session (complaint, opened_at);

create table invitation (token_hash text primary key, session text not null references session (id));
create table device (id text primary key, session text not null references session (id));

create table journal (
  session text not null references session (id),
  seq bigint not null,
  event blob not null,
  primary key (session, seq)
);
create trigger journal_no_update before update on journal begin select raise(abort, 'the journal only grows'); end;
create trigger journal_no_delete before delete on journal begin select raise(abort, 'the journal only grows'); end;

-- What may be erased: names and words with their salts, committed to by the journal.
create table journal_private (
  session text not null references session (id),
  seq bigint not null,
  salt blob not null,
  value blob not null,
  primary key (session, seq)
);

create table chat (
  session text not null references session (id),
  n bigint not null,
  at bigint not null,
  by_person text not null,
  said text not null,
  audience text not null,
  primary key (session, n)
);

create table document (id text primary key, session text not null references session (id), body blob not null);

-- What is kept where there is no letter.
create table mediation_record (
  session text primary key references session (id),
  complaint text not null,
  at bigint not null,
  record text not null
);
