package nameserver

import (
	"errors"
	"net"
	"syscall"
)

// tellDestination has questions come with the address that they were sent to. Given
// back with the answer, it is the address that it comes from.
func tellDestination(c *net.UDPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var v4, v6 error
	err = raw.Control(func(fd uintptr) {
		v4 = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
		v6 = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVPKTINFO, 1)
	})
	if v4 != nil && v6 != nil { // a socket of one family refuses the other's
		err = errors.Join(err, v4, v6)
	}
	return err
}
