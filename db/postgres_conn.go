package db

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// poolConns is how many connections a process may have open unless the URL says pool_max_conns: one for each worker of
// the usual eight partitions, and as many for everybody else.
const poolConns = 16

// How long we wait for a PostgreSQL that the network has cut off: it neither answers nor refuses. A caller whose context
// has a deadline says so itself.
const (
	connectTime = 5 * time.Second
	pingTime    = 2 * time.Second // a connection that was idle is asked before it is used
	silentTime  = 20 * time.Second
	beginTime   = 20 * time.Second // to get a connection, and an answer on it
	writeTime   = time.Minute
	readTime    = 10 * time.Minute
	endTime     = 5 * time.Second // to roll back
)

// session is what each connection asks of the server, where the server knows it and the URL does not say it: that it lets
// go of what a process holds that has vanished, and that nobody waits for a lock for ever.
var session = map[string]string{
	"lock_timeout": "15s", "idle_in_transaction_session_timeout": "10s", "client_connection_check_interval": "5s",
	"tcp_user_timeout": "20s", "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
}

// poolConfig reads the URL and adds what makes a connection notice that nobody is there any more.
func poolConfig(url string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.PingTimeout = pingTime
	if !strings.Contains(url, "pool_max_conns") { // the driver's own default is the number of processors: workers would starve the API
		cfg.MaxConns = max(cfg.MaxConns, poolConns)
	}
	if cfg.ConnConfig.ConnectTimeout == 0 || !strings.Contains(url, "connect_timeout") {
		cfg.ConnConfig.ConnectTimeout = connectTime
	}
	d := &net.Dialer{
		Timeout:         cfg.ConnConfig.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control: func(network, _ string, c syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			return userTimeout(c, silentTime)
		},
	}
	cfg.ConnConfig.DialFunc = d.DialContext
	said := cfg.ConnConfig.RuntimeParams
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		var names, values []string
		for name, value := range session {
			if _, ok := said[name]; !ok {
				names, values = append(names, name), append(values, value)
			}
		}
		_, err := c.Exec(ctx, `SELECT set_config(s.name, v.value, false) FROM unnest($1::text[], $2::text[]) AS v (name, value)
			JOIN pg_settings s ON s.name = v.name AND s.context = 'user'`, names, values)
		return err
	}
	return cfg, nil
}

// limited gives ctx a deadline unless the caller did.
func limited(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, most)
}

// begin is the statement that begins a transaction. The server gives up a statement when we would: else it would hold its
// locks for somebody who has gone.
func (p *postgres) begin(ctx context.Context, how string) string {
	until, ok := ctx.Deadline()
	if !ok || p.timeoutSaid {
		return how
	}
	return fmt.Sprintf("%s; SET LOCAL statement_timeout = %d", how, max(1, time.Until(until).Milliseconds()))
}
