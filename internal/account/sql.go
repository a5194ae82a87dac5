package account

import (
	"context"
	"slices"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/text"
)

// Columns are those of a user, from account a and plan p. ScanUser reads them.
const Columns = `a.id, a.email, a.name, a.plan_id, p.store_limit, a.store_count, a.unverified_since IS NOT NULL, a.created_at`

const from = ` FROM account a JOIN plan p ON p.id = a.plan_id`

// ScanUser reads Columns, and into more what follows them.
func ScanUser(row db.Row, u *User, more ...any) error {
	var created db.Time
	err := row.Scan(append([]any{&u.ID, &u.Email, &u.Name, &u.Plan, &u.StoreLimit, &u.StoreCount, &u.Unverified, &created}, more...)...)
	u.CreatedAt = created.Time
	return err
}

func scanUser(row db.Row) (u User, err error) {
	err = ScanUser(row, &u)
	return u, err
}

// Acting lets what is done with the context be done by a user who is not the one that
// makes the request, if there is one.
func Acting(ctx context.Context, q db.Q, user ID) (context.Context, error) {
	by := audit.Acting(ctx)
	if by.ID == user.UUID {
		return ctx, nil
	}
	if !by.ID.IsZero() {
		ctx = audit.From(ctx, "")
	}
	u, err := Get(ctx, q, user)
	return u.Acts(ctx), err
}

// Acts lets what is done with the context be done by the user.
func (u User) Acts(ctx context.Context) context.Context {
	return audit.By(ctx, audit.Actor{ID: u.ID.UUID, Email: u.Email, Token: u.Token})
}

// Get returns a user.
func Get(ctx context.Context, q db.Q, user ID) (User, error) {
	u, err := db.One(ctx, q, scanUser, `SELECT `+Columns+from+` WHERE a.id = $1`, user)
	return u, db.Missing(err, "user")
}

// Named returns the user with an e-mail address. It is for those who run the platform.
func Named(ctx context.Context, q db.Q, email string) (User, error) {
	u, err := db.One(ctx, q, scanUser, `SELECT `+Columns+from+` WHERE a.email_key = $1`, EmailKey(email))
	return u, db.Missing(err, "user")
}

// Plans returns all plans, the smallest first.
func Plans(ctx context.Context, q db.Q) ([]Plan, error) {
	return db.All(ctx, q, func(row db.Row) (Plan, error) {
		var p Plan
		var price int64
		err := row.Scan(&p.ID, &p.Name, &p.StoreLimit, &price, &p.Currency, &p.Period)
		p.Price = money.Amount(price)
		return p, err
	}, `SELECT id, name, store_limit, price, currency, period FROM plan ORDER BY position`)
}

// PlanFor returns a plan that has room for the stores that a user has.
func PlanFor(ctx context.Context, q db.Q, u User, plan string) (Plan, error) {
	var f fault.Form
	if plan = text.Line(&f, "plan", plan, text.MaxName); f.Err() != nil {
		return Plan{}, f.Err()
	}
	plans, err := Plans(ctx, q)
	if err != nil {
		return Plan{}, err
	}
	i := slices.IndexFunc(plans, func(p Plan) bool { return p.ID == plan })
	if i < 0 {
		return Plan{}, fault.Invalidf("plan", "must be one of the plans that GET /plans lists")
	}
	if p := plans[i]; p.StoreLimit == nil || *p.StoreLimit >= u.StoreCount {
		return p, nil
	}
	return Plan{}, tooSmall(u, plan)
}

func tooSmall(u User, plan string) error {
	return fault.Refusedf("plan_too_small", "You have %d stores, which is more than the %s plan allows. Delete some of them first.", u.StoreCount, plan)
}

// ChangePlan moves a user to a plan that has room for the stores in use.
func ChangePlan(ctx context.Context, tx *db.Tx, user ID, plan string) (User, error) {
	n, err := db.Exec(ctx, tx, `
		UPDATE account SET plan_id = $2, updated_at = $3
		WHERE id = $1 AND EXISTS (
			SELECT 1 FROM plan p WHERE p.id = $2 AND (p.store_limit IS NULL OR p.store_limit >= account.store_count))`,
		user, plan, db.Time{Time: tx.Now()})
	if err != nil {
		return User{}, err
	}
	u, err := Get(ctx, tx, user)
	if err != nil {
		return User{}, err
	}
	if n == 0 {
		return User{}, tooSmall(u, plan)
	}
	return u, audit.InAccount(ctx, tx, user.UUID, audit.PlanChange, audit.Thing{Kind: "plan", ID: plan, Name: plan})
}

// TakeStorePlace counts one more store for a user, when their plan has a place
// left. The row stays locked until the transaction ends, so that a user's stores
// are made one after the other.
func TakeStorePlace(ctx context.Context, tx *db.Tx, user ID) error {
	n, err := db.Exec(ctx, tx, `
		UPDATE account SET store_count = store_count + 1, updated_at = $2
		WHERE id = $1 AND EXISTS (
			SELECT 1 FROM plan p WHERE p.id = account.plan_id AND (p.store_limit IS NULL OR p.store_limit > account.store_count))`,
		user, db.Time{Time: tx.Now()})
	if err != nil || n == 1 {
		return err
	}
	u, err := Get(ctx, tx, user)
	if err != nil {
		return err
	}
	return u.StoreLimitError()
}

// FreeStorePlace counts one store less.
func FreeStorePlace(ctx context.Context, tx *db.Tx, user ID) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET store_count = store_count - 1, updated_at = $2 WHERE id = $1`, user, db.Time{Time: tx.Now()})
	return err
}

// StoreLimitError returns nil while the user's plan has a place left for another
// store. It is what a user saw last: TakeStorePlace decides.
func (u User) StoreLimitError() error {
	if u.StoreLimit == nil || u.StoreCount < *u.StoreLimit {
		return nil
	}
	return fault.Forbiddenf("store_limit", "Your plan's store limit of %d stores is reached. Change to a larger plan to add more.", *u.StoreLimit)
}
