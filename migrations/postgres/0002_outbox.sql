-- Notices that wait to be delivered.
create table outbox (
    seq bigint generated always as identity primary key,
    at bigint not null,
    kind text not null,
    subject text not null,
    body text not null,
    delivered_at bigint
);
create index outbox_waiting on outbox (seq) where delivered_at is null;
