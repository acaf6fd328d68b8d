-- name: account.count_users
SELECT COUNT(*) FROM account_user;

-- name: account.count_owners
SELECT COUNT(*) FROM account_user WHERE role = 'owner' AND disabled = 0;

-- name: account.users
SELECT id, email, name, role, department, password, disabled, rev, made_at, last_login FROM account_user ORDER BY email;

-- name: account.user
SELECT id, email, name, role, department, password, disabled, rev, made_at, last_login FROM account_user WHERE id = $1;

-- name: account.user_by_email
SELECT id, email, name, role, department, password, disabled, rev, made_at, last_login FROM account_user WHERE email = $1;

-- name: account.put_user
INSERT INTO account_user (id, email, name, role, department, password, disabled, rev, made_at, last_login)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, role = excluded.role,
  department = excluded.department, password = excluded.password, disabled = excluded.disabled, rev = excluded.rev;

-- name: account.touch_login
UPDATE account_user SET last_login = $2 WHERE id = $1;

-- name: account.delete_user
DELETE FROM account_user WHERE id = $1;

-- name: account.put_session
INSERT INTO account_session (hash, user_id, made_at, seen_at, expires_at, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: account.session
SELECT s.user_id, s.made_at, s.seen_at, s.expires_at, u.email, u.name, u.role, u.department, u.rev
FROM account_session s JOIN account_user u ON u.id = s.user_id WHERE s.hash = $1 AND u.disabled = 0;

-- name: account.touch_session
UPDATE account_session SET seen_at = $2 WHERE hash = $1;

-- name: account.delete_session
DELETE FROM account_session WHERE hash = $1;

-- name: account.delete_other_sessions
DELETE FROM account_session WHERE user_id = $1 AND hash <> $2;

-- name: account.prune_sessions
DELETE FROM account_session WHERE expires_at < $1 OR seen_at < $2;

-- name: account.keys
SELECT id, kind, name, prefix, hash, secret, source, scopes, made_at, made_by, expires_at, revoked_at, used_at
FROM account_key ORDER BY made_at, id;

-- name: account.put_key
INSERT INTO account_key (id, kind, name, prefix, hash, secret, source, scopes, made_at, made_by, expires_at, revoked_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0) ON CONFLICT (hash) DO NOTHING;

-- name: account.revoke_key
UPDATE account_key SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0;

-- name: account.touch_key
UPDATE account_key SET used_at = $2 WHERE id = $1 AND used_at < $2;

-- name: account.revision
SELECT revision FROM account_revision WHERE one = 1;

-- name: account.bump
UPDATE account_revision SET revision = revision + 1 WHERE one = $1;

-- name: account.start_attempts
INSERT INTO account_login_attempt (subject, failures, last) VALUES ($1, 0, 0) ON CONFLICT (subject) DO NOTHING;

-- name: account.attempts
SELECT failures, last FROM account_login_attempt WHERE subject = $1 FOR UPDATE;

-- name: account.attempts (sqlite)
SELECT failures, last FROM account_login_attempt WHERE subject = $1;

-- name: account.set_attempts
UPDATE account_login_attempt SET failures = $2, last = $3 WHERE subject = $1;

-- name: account.forgive
UPDATE account_login_attempt SET failures = failures - 1 WHERE subject = $1 AND failures > 0;

-- name: account.prune_attempts
DELETE FROM account_login_attempt WHERE last < $1;

-- name: account.put_setup
INSERT INTO account_setup (hash, made_at) VALUES ($1, $2);

-- name: account.take_setup
DELETE FROM account_setup WHERE hash = $1 AND made_at > $2;

-- name: account.clear_setup
DELETE FROM account_setup;

-- name: audit.put
INSERT INTO audit (id, at, actor, via, action, target, address, request, diff) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: audit.list
SELECT id, at, actor, via, action, target, address, request, diff FROM audit
WHERE id < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR action = $3) AND ($4 = '' OR target = $4)
  AND ($5 = '' OR LOWER(actor || ' ' || action || ' ' || target || ' ' || address || ' ' || diff) LIKE $5 ESCAPE '!')
ORDER BY id DESC LIMIT $6;

-- name: account.count_sessions
SELECT COUNT(*) FROM account_session WHERE expires_at > $1;

-- name: account.put_invite
INSERT INTO account_invite (hash, user_id, made_at) VALUES ($1, $2, $3);

-- name: account.invite
SELECT user_id FROM account_invite WHERE hash = $1 AND made_at > $2;

-- name: account.delete_invites
DELETE FROM account_invite WHERE user_id = $1;

-- name: account.prune_invites
DELETE FROM account_invite WHERE made_at < $1;

-- name: account.identity
SELECT user_id FROM account_identity WHERE issuer = $1 AND subject = $2;

-- name: account.put_identity
INSERT INTO account_identity (issuer, subject, user_id, made_at) VALUES ($1, $2, $3, $4);

-- name: account.delete_identities
DELETE FROM account_identity WHERE user_id = $1;
