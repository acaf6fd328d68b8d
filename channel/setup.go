package channel

import (
	"os"
	"strings"

	"github.com/heedcx/heed"
)

// FeedbackSetup is the part `feedback` of a channel's spec: whose reports about its messages are believed, and why.
//
//	feedback: {provider: ses, topics: ["arn:aws:sns:eu-west-1:1234:mail"]}
//	feedback: {provider: sendgrid, public_key: MFkwEwYH...}
//	feedback: {provider: postmark, user: heed, password_env: POSTMARK_WEBHOOK_PASSWORD}
//	feedback: {provider: signed, secret_env: MAILER_SECRET}
type FeedbackSetup struct {
	Provider     string   `json:"provider"`
	Topics       []string `json:"topics,omitempty"`
	PublicKey    string   `json:"public_key,omitempty"`
	User         string   `json:"user,omitempty"`
	Password     string   `json:"password,omitempty"`
	PasswordEnv  string   `json:"password_env,omitempty"`
	PasswordFile string   `json:"password_file,omitempty"`
	Secret       string   `json:"secret,omitempty"`
	SecretEnv    string   `json:"secret_env,omitempty"`
	SecretFile   string   `json:"secret_file,omitempty"`
}

// Resolve fills in what the environment and files hold.
func (f FeedbackSetup) Resolve() (FeedbackSetup, error) {
	var err error
	if f.Password, err = secretFrom("password", f.Password, f.PasswordEnv, f.PasswordFile); err != nil {
		return f, err
	}
	f.Secret, err = secretFrom("secret", f.Secret, f.SecretEnv, f.SecretFile)
	return f, err
}

func secretFrom(field, text, env, file string) (string, error) {
	switch {
	case env != "":
		if text = os.Getenv(env); text == "" {
			return "", heed.FieldErrorf(field+"_env", "the variable %s is empty", env)
		}
	case file != "":
		b, err := os.ReadFile(file)
		if err != nil {
			return "", heed.FieldErrorf(field+"_file", "%v", err)
		}
		text = strings.TrimSpace(string(b))
	}
	return text, nil
}
