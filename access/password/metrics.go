package password

import "github.com/prometheus/client_golang/prometheus"

// collector shows the line to Prometheus.
type collector struct{ line *line }

var (
	runningDesc = prometheus.NewDesc("grapevine_password_hashes_running", "Password hashes that are computed now.", nil, nil)
	waitingDesc = prometheus.NewDesc("grapevine_password_hashes_waiting", "Requests that wait for their password to be hashed.", nil, nil)
	hashedDesc  = prometheus.NewDesc("grapevine_password_hashes_total", "Password hashes computed.", nil, nil)
	refusedDesc = prometheus.NewDesc("grapevine_password_hashes_refused_total", "Requests sent away because the line in front of the hash was full, or their address, account or link had a place.", nil, nil)
)

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{runningDesc, waitingDesc, hashedDesc, refusedDesc} {
		out <- d
	}
}

func (c collector) Collect(out chan<- prometheus.Metric) {
	s := c.line.stats()
	out <- prometheus.MustNewConstMetric(runningDesc, prometheus.GaugeValue, float64(s.running))
	out <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(s.waiting))
	out <- prometheus.MustNewConstMetric(hashedDesc, prometheus.CounterValue, float64(s.hashed))
	out <- prometheus.MustNewConstMetric(refusedDesc, prometheus.CounterValue, float64(s.refused))
}
