package keys

// Of the chain key 00 01 02 … 1f: the key of the next epoch, and the key for
// the service domain www and user.contact.email. A change here makes every
// pseudonym of running installations another one.
const (
	vectorNext = "aa31ba0868d1b90a5a09fe7305747b9ebd269d3e2b9de9148849e3359db4723e"
	vectorKey  = "ba74dba26ec45be3178e97e96fed837a03247ddd44e3fa4aa966631c67f12b96"
)
