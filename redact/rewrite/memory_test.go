package rewrite

import (
	"strings"
	"testing"
	"time"
)

func TestWhatIsRememberedIsOfWhereItStood(t *testing.T) {
	e, _ := engine(t, own(t))
	one, other := `{"client_ip":"weird"}`+"\n", `{"msg":"weird - - [22/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\""}`+"\n"
	alone := func(line string) string { out, _ := copied(t, e, "jsonl", line, 1); return out }
	want := []string{alone(one), alone(other)}
	for _, jobs := range []int{1, 2} {
		if got, _ := copied(t, e, "jsonl", one+other+one, jobs); got != want[0]+want[1]+want[0] {
			t.Errorf("got\n%swant\n%s%s%s", got, want[0], want[1], want[0])
		}
		if got, _ := copied(t, e, "jsonl", other+one+other, jobs); got != want[1]+want[0]+want[1] {
			t.Errorf("got\n%swant\n%s%s%s", got, want[1], want[0], want[1])
		}
	}
}

func TestWhatIsRememberedOutlivesAnEpoch(t *testing.T) {
	e, _ := engine(t, own(t))
	f, err := Named("combined")
	if err != nil {
		t.Fatal(err)
	}
	w := newLines(e, f, now)
	defer w.forget()
	for _, day := range []string{"20", "21", "20"} {
		w.rewrite(nil, []byte(`10.0.0.1 - - [`+day+`/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"`+"\n"))
	}
	var uses uint32
	for i := range w.memory.slots {
		uses += w.memory.slots[i].uses
	}
	if uses == 0 {
		t.Error("the first day's fields were forgotten on the second")
	}
}

func TestALineOfTheFarFutureIsOfTomorrow(t *testing.T) {
	e, _ := engine(t, own(t))
	f, err := Named("combined")
	if err != nil {
		t.Fatal(err)
	}
	soon := time.Now().UTC()
	w := newLines(e, f, soon)
	defer w.forget()
	for _, year := range []string{"2100", "2150", "2199"} {
		w.rewrite(nil, []byte(strings.Replace(`10.0.0.1 - anna [22/Nov/Y:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"`+"\n", "Y", year, 1)))
		if w.began.After(soon.Add(25 * time.Hour)) {
			t.Errorf("keys of %v were asked for", w.began)
		}
	}
}
