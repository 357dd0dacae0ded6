package relay

import (
	"net"
	"time"

	"weir/proxy/http1"
)

// oneClient is a ServerConn as a Client.
type oneClient struct {
	*http1.ServerConn
	socket net.Conn
}

// StopRead ends a ReadBody that waits.
func (c oneClient) StopRead() { _ = c.socket.SetReadDeadline(time.Unix(1, 0)) }
