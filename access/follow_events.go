package access

// readUser has everything of a user read again.
func (s *follows) readUser(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.ofUser[id] {
		s.want(one)
	}
}

// readSecret has a session or token read again.
func (s *follows) readSecret(hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.ofSecret[hash]; one != nil {
		s.want(one)
	}
}

// readAll has everything read again, because events may have been missed.
func (s *follows) readAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.subjects {
		s.want(one)
	}
}

func (s *follows) read(one *followed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subjects[one.subject] == one {
		s.want(one)
	}
}

// want has one read again. A read that runs at this moment does not do.
func (s *follows) want(one *followed) {
	one.wanted++
	s.unread[one] = struct{}{}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// endSecret ends what a deleted session or token allowed.
func (s *follows) endSecret(hash string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.ofSecret[hash]; one != nil {
		s.end(one, EndSignedOut, nil)
	}
}

// used notes that a session or token was used, and nothing else of it changed.
func (s *follows) used(hash string, u use) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.ofSecret[hash]; one != nil {
		one.lastUse = u.after(one.lastUse)
	}
}
