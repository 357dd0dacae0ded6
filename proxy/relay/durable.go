package relay

// settleFirst brings the exchange to its end as far as its entry tells of it, has
// that written, and sends what was held back of the body. From the entry on only
// the client's last bytes are outstanding: whether it takes them is not told.
func (j *journey) settleFirst(held []byte) error {
	if j.upload.done != nil {
		if err := j.client.Flush(); err != nil {
			return err
		}
		j.awaitUpload()
	}
	j.commit()
	if len(held) == 0 {
		return nil
	}
	return j.client.WriteBody(held)
}

// commit gives the exchange to its observer before the end of the answer goes to
// the client, where that is asked for and nothing uploads any more.
func (j *journey) commit() {
	if !j.relay.cfg.Durable || j.observer == nil || j.observed {
		return
	}
	j.observed = true
	j.measure()
	j.guarded(func() { j.observer.Observe(&j.ex) })
}
