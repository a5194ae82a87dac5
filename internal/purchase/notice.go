package purchase

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/mail"
)

// mailEnding tells the owner of a name that it ends, or has ended when days is 0.
func mailEnding(ctx context.Context, tx *db.Tx, d domain.Domain, days int) error {
	owner, err := account.Get(ctx, tx, d.Owner)
	if err != nil {
		return err
	}
	end := d.Purchase.Expires.Format("2 January 2006")
	left := Days(*d.Purchase.Expires, tx.Now())
	subject, text := fmt.Sprintf("%s expires in %s", d.Name, dayCount(left)), fmt.Sprintf("%s is yours until %s.", d.Name, end)
	if days == 0 {
		subject = d.Name + " has expired"
		text = fmt.Sprintf("%s has expired on %s. Until %s it can still be renewed; after that it may be lost.", d.Name, end, d.Purchase.Expires.Add(grace).Format("2 January 2006"))
	}
	if d.Purchase.AutoRenew {
		text += " Auto-Renew is on: it is renewed by itself, and there is nothing to do as long as it can be paid."
	} else {
		text += " Auto-Renew is off: renew it, or switch Auto-Renew on, to keep it."
	}
	return mail.Queue(ctx, tx, mail.Message{
		To: owner.Email, Subject: subject, Text: "Hello,\n\n" + text + "\n\nYour domains: " + mail.Site + "/dashboard/domains\n",
		Key: fmt.Sprintf("ending/%s/%s/%d", d.ID, d.Purchase.Expires.Format(time.DateOnly), days),
	})
}

func dayCount(n int) string {
	switch n {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// mailUnpaid tells the owner of a name, once a day at most, that it was not renewed by
// itself for want of money.
func mailUnpaid(ctx context.Context, tx *db.Tx, h *held) error {
	if !h.Automatic || h.Code != codePayment {
		return nil
	}
	owner, err := account.Get(ctx, tx, h.Account)
	if err != nil {
		return err
	}
	return mail.Queue(ctx, tx, mail.Message{
		To: owner.Email, Subject: h.Name + " could not be renewed: the payment failed",
		Text: fmt.Sprintf("Hello,\n\n%s ends on %s, and could not be renewed: %s\n\nIt is tried again by itself. Look after the card of your account: %s/dashboard/account\n",
			h.Name, h.Before.Format("2 January 2006"), h.Reason, mail.Site),
		Key: fmt.Sprintf("unpaid/%s/%s", h.Domain, tx.Now().Format(time.DateOnly)),
	})
}

// Phase is where the life of a name stands.
type Phase int

// The phases.
const (
	Running    Phase = iota // there is time
	Ending                  // within 60 days
	Grace                   // it has ended, and can still be renewed
	Redemption              // only the registrar gives it back, for more money
	Lost                    // anybody can register it
)

// redemption is how long after the grace a registrar gives a name back.
const redemption = 30 * 24 * time.Hour

// PhaseOf tells where a name stands that ends at a time.
func PhaseOf(expires, now time.Time) Phase {
	switch left := expires.Sub(now); {
	case left > 60*24*time.Hour:
		return Running
	case left > 0:
		return Ending
	case left > -grace:
		return Grace
	case left > -grace-redemption:
		return Redemption
	}
	return Lost
}

// GraceEnds is until when a name that ended can still be renewed.
func GraceEnds(expires time.Time) time.Time { return expires.Add(grace) }
