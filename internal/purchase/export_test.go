package purchase

import "context"

// DueOneByOne is Due for a caller that may die in the middle.
func DueOneByOne(ctx context.Context, s *Service) error {
	due, err := s.due(ctx)
	for _, id := range due {
		s.resume(ctx, id)
	}
	return err
}
