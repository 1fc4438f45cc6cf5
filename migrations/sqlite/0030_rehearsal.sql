-- Secrets of those who operate the server, by their hash. They open rehearsals and nothing else.
create table operator_key (
    id text primary key,
    name text not null,
    secret_hash text not null unique,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create unique index operator_key_current on operator_key (name) where revoked_at is null;

-- Sessions on made-up cases that a key opened. The server ends those whose time is over.
create table rehearsal (
    complaint text primary key references complaint (id),
    operator_key text not null references operator_key (id),
    ends_at bigint not null,
    session text,
    device text,
    closed_at bigint
);
create index rehearsal_open on rehearsal (ends_at) where closed_at is null;

alter table complaint add column rehearsal boolean not null default false;
