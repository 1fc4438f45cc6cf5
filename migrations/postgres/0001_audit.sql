-- Who did what to which record: appended to, never changed.
create table audit (
    seq bigint generated always as identity primary key,
    at bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null
);
create index audit_subject on audit (subject, seq);

-- For every table that is only appended to.
create function only_appended() returns trigger language plpgsql as
$$ begin raise exception '% is only appended to', tg_table_name; end $$;

create trigger audit_stays before update or delete or truncate on audit
for each statement execute function only_appended();
