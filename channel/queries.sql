-- name: channel.put_secret
INSERT INTO channel_secret (name, value, made_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING;

-- name: channel.secret
SELECT value FROM channel_secret WHERE name = $1;
