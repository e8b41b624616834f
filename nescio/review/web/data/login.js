// The log-in page.

document.getElementById("password").focus();
document.getElementById("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ password: document.getElementById("password").value }),
  });
  if (response.ok) location.href = "/";
  else document.getElementById("status").textContent = (await response.json()).error;
});
