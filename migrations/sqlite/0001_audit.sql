-- Who did what to which record: appended to, never changed.
create table audit (
    seq integer primary key autoincrement,
    at bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null
);
create index audit_subject on audit (subject, seq);

create trigger audit_stays before update on audit
begin select raise(abort, 'the audit is only appended to'); end;
create trigger audit_remains before delete on audit
begin select raise(abort, 'the audit is only appended to'); end;
