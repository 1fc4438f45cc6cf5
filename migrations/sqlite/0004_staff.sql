-- Accounts of mediators, officers and administrators.
create table staff (
    id text primary key,
    name text not null unique,
    display_name text not null,
    role text not null,
    password_hash text,
    disabled boolean not null,
    created_at bigint not null
);

-- Signed-in browsers, by the hash of their cookie.
create table staff_session (
    token_hash text primary key,
    staff text not null references staff (id),
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index staff_session_of on staff_session (staff);

-- Links that sign somebody in once, by the hash of their token.
create table staff_link (
    token_hash text primary key,
    staff text not null references staff (id),
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);

-- What a request with an Idempotency-Key made, so that the same request makes it once.
create table idempotency (
    scope text not null,
    key text not null,
    request_hash text not null,
    made text not null,
    at bigint not null,
    primary key (scope, key)
);
create index idempotency_oldest on idempotency (at);
