//go:build clockjump

package clock

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// A program that is built for it (-tags clockjump) has a clock that its tests set: it
// goes wrong by as many seconds as the file says that CLOCK_JUMP names, eight bytes in
// the order of the machine. As when a machine's clock is set, the time that has passed
// between two looks (the monotonic reading) is right all the same.
var wrong = func() *atomic.Int64 {
	f, err := os.OpenFile(os.Getenv("CLOCK_JUMP"), os.O_RDWR, 0)
	if err != nil {
		panic(err)
	}
	shared, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*atomic.Int64)(unsafe.Pointer(&shared[0]))
}()

// now sets the wall clock alone, whose seconds are the bits from 30 on of the first word
// of a time that has a monotonic reading.
func now() time.Time {
	t := time.Now()
	*(*uint64)(unsafe.Pointer(&t)) += uint64(wrong.Load()) << 30
	return t
}
