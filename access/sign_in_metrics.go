package access

import (
	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
)

// signIns counts sign-ins by their outcome.
type signIns struct{ total *prometheus.CounterVec }

func newSignIns(registerer prometheus.Registerer) *signIns {
	s := &signIns{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "grapevine_sign_ins_total",
		Help: "Tries to sign in, by their outcome: ok, or the code of the error.",
	}, []string{"outcome"})}
	if registerer != nil {
		registerer.MustRegister(s.total)
	}
	return s
}

func (s *signIns) count(err error) {
	outcome := "ok"
	if err != nil {
		outcome = string(grapevine.ErrorCode(err))
	}
	s.total.WithLabelValues(outcome).Inc()
}
