-- Signed outcomes, as they were sealed. `jws` goes when an outcome is erased; the row and the log stay.
create table outcome (
    oid text not null,
    ver bigint not null,
    session text not null,
    sealed_at bigint not null,
    publication boolean not null,
    jws text,
    entry bigint not null unique references log_entry (id),
    primary key (oid, ver)
);

-- The issuer's key manifests, oldest first.
create table key_manifest (
    seq bigint primary key,
    jws text not null,
    entry bigint not null unique references log_entry (id)
);
