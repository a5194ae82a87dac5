package nameserver

import (
	wire "github.com/miekg/dns"

	"vitrine/internal/observe"
)

// answers count what is answered: by the code that the header has room for.
type answers struct {
	byCode  [16]observe.Count
	dropped observe.Count
}

func countAnswers(o *observe.Observer) *answers {
	if o == nil {
		return nil
	}
	a := &answers{dropped: o.Answers("dropped")}
	other := o.Answers("other")
	for code := range a.byCode {
		a.byCode[code] = other
	}
	for _, code := range []int{wire.RcodeSuccess, wire.RcodeFormatError, wire.RcodeServerFailure, wire.RcodeNameError, wire.RcodeNotImplemented, wire.RcodeRefused, wire.RcodeNotAuth} {
		a.byCode[code] = o.Answers(wire.RcodeToString[code])
	}
	return a
}

// count counts an answer; nil is one that was held back.
func (a *answers) count(answer []byte) {
	switch {
	case a == nil:
	case len(answer) < headerSize:
		a.dropped.Inc()
	default:
		a.byCode[answer[3]&0xf].Inc()
	}
}
