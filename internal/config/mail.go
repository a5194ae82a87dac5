package config

// Mail are the settings of mail: which server takes it, and who it is from.
type Mail struct {
	SMTPURL   string
	MailFrom  string
	PublicURL string
}

func (m *Mail) table() []setting {
	return []setting{
		{name: "smtp_url", fallback: "", help: "the mail server, such as `smtp://user:password@mail.example:587` or `smtps://…:465`. Without one mails are kept and not sent, and addresses count as they are; with one, new accounts confirm theirs by a mailed link, and an invitation counts only then. TLS is a must, but on this machine", secret: true, set: text(&m.SMTPURL)},
		{name: "mail_from", fallback: "", help: "who mails are from. Default: `no-reply@` the platform's name", set: text(&m.MailFrom)},
		{name: "public_url", fallback: "", help: "where the platform is, for links in mails. Default: `https://` the platform's name", set: text(&m.PublicURL)},
	}
}
