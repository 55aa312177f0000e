-- Who owns tasks and runs. Times are milliseconds since the Unix epoch everywhere.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    -- Where the user comes from: 'local', or the identity provider's issuer and subject.
    subject TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a run of this user was last started: the turn of each user comes round.
    served_at BIGINT NOT NULL DEFAULT 0
);
