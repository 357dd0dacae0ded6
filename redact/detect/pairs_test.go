package detect

import "testing"

func TestNameOfOnePairSaysNothingOfTheNext(t *testing.T) {
	for text, want := range map[string]int{
		`tel=%2B4531101509&kode=3786697015`:                        1,
		`tel=0046738838184&kode=6092768868`:                        1,
		`{"cpr":"0101563235","navn":"olga","oprettet":1605686889}`: 1,
		`{"phones":["20123456", "30123456"]}`:                      2,
		`logo@1.5x.png logo@2x.png hero@1.25x.webp`:                0,
	} {
		var s Scanner
		if found, _ := s.Scan([]byte(text)); len(found) != want {
			t.Errorf("%d findings in %s, want %d", len(found), text, want)
		}
	}
}
